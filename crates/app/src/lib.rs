//! Use cases: accept facts, decide handoffs, publish agreements; and the workers.
