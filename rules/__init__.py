"""The product: one folder a subject, a module and a page for each rule."""
