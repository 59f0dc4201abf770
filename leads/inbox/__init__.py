"""Where mail and word of mail come in: our mailbox, the calls of providers, and the queue of both (docs/answers.md)."""
