"""What anyone needs to check a chain from outside: headers, commits, Merkle trees and state proofs; no I/O."""
