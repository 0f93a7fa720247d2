"""Those who watch: subscriptions over WebSocket and Server-Sent Events, fed by the log."""
