"""What the pages of all apps share: lists, buttons, fragments that poll, a form field for JSON."""
