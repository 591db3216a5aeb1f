"""What the pages of all apps share: lists, verbs behind buttons, live fragments, a form field for JSON."""
