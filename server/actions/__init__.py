"""What is done: one verb is one transaction and its events. A verb may call verbs of aggregates below its own."""
