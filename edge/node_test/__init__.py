"""The conformance tester: holds a node against the protocol's specification and says what passes."""
