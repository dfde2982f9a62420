"""The oracle: an enclave that checks records only it can open, certifies them, and releases keys when the chain says.

The process has two halves. What decides and signs with the epoch's keys (`keys`, `intake`, `checks`, `reseal`,
`certificates`, `release`) believes nothing but proofs from the chain. What pays fees and serves HTTP (`registration`,
`daemon`) could be run by anybody.
"""
