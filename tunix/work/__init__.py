"""Long work that survives: leases with epochs, dispatch, the supervisor and its child process, the reconciler."""
