"""The process that runs the chain: the embedded engine `solo`, its ledger, and CometBFT's RPC in front."""
