"""What others would write for the same rows. Run by the environment of benchmarks/peers.txt, not by ours."""
