"""The core of Folkmoot: it knows no platform and no database."""
