"""What Wagtail's edit form is made of here. Doors: ``panels`` for articles, ``previews``."""
