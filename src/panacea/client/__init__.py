"""The Python SDK: connect, query with verified proof, build, sign, broadcast, follow; async, with a plain face."""
