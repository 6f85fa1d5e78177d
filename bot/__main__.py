"""Start Folkmoot: `python -m bot` is the same as the command `folkmoot`."""

from bot.cli import main

if __name__ == "__main__":
    main()
