"""The conclusions about a login. Frames and plain values in, frames out."""
