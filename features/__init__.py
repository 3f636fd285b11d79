"""The facts known about a user at a login. Frames and plain values in, frames out."""
