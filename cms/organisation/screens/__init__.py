"""The administrators' screens at the desk: offices, memberships, users."""
