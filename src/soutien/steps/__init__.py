"""What do people do? One step is one transaction: allow, gather, lock, decide, record, announce."""
