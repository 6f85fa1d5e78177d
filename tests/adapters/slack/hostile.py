"""What people write who want to call everybody, or to break out of where their words are shown."""

TOKENS = (
    "<!channel>", "<!here>", "<!everyone>", "<!channel|channel>", "<!here|here>", "<!subteam^S0123>",
    "<!subteam^S0123|@staff>", "<@U0123>", "<@U0123|boss>", "<@W0123>", "<#C0123>", "<#C0123|secret-plans>",
    "<!date^1^{ago}|now>", "<!date^1^{date}^https://evil.example|now>", "<!unknown>", "<!>", "<@>", "<#>",
    "@channel", "@here", "@everyone", "@Channel", "@HERE", "@EveryOne", "@channel!", "(@here)", "x@everyone",
    "&lt;!channel&gt;", "&lt;!here&gt;", "&amp;lt;!here&amp;gt;", "&#60;!here&#62;", "<<!here>>", "<!here><!here>",
    "<! here>", "<!here ", "!here>", "<\u200b!here>", "<!he\u200bre>", "<!here\n>", "<\n!here>", "@\u2060here",
    "＜!here＞", "‹!here›", "@here", "@hеre", "<https://evil.example|<!here>>", "<https://evil.example|@here>",
    "<mailto:a@here|x>", "<tel:1|<!channel>>", "<@U0123|<!here>>", "<#C0123|<!channel>>", "<https://evil.example?<!here>>",
    "<@&123>", "<@!123>", "<#123>", "<id:customize>", "</run:1>", "<t:1:R>", "<:x:1>",
)  # fmt: skip
MARKUP = (
    "*bold*", "_it_", "~gone~", "`code`", "```block```", "*", "**", "***a***", "_*~x~*_", "* a *", "a*b*c", "`", "``",
    "```", "````", "```\n<!here>\n```", "`<!here>`", "`@channel`", "> quote", ">>> all of it", "&gt; quote", "\n> next",
    "\n>>> rest", "# heading", "\n# heading", "- item", "• item", "1. item", "||spoiler||", "](https://evil.example)",
    "[x](https://evil.example)", "[x](<https://evil.example>)", "<https://evil.example|https://bank.example>",
    "<https://evil.example|bank.example>", "https://evil.example", "http://127.0.0.1/", "javascript:alert(1)",
    "<javascript:alert(1)|x>", "<script>alert(1)</script>", "<b>x</b>", "&", "&amp;", "<", ">", "|", "<|>", "a|b",
    "a>b", ":smile:", ":skull", "\\*x\\*", "{ago}", "^", "<!date^", "\u202egnp.exe", "\u2066x\u2069", "\u200b",
    "\ufeff", "\0", "\ud800", "👩\u200d👩\u200d👧", "z\u0351\u0352\u0353algo",
)  # fmt: skip
LONG = ("x" * 3000, "<!here>" * 400, "*" * 3000, "\n" * 50, "`" * 999)
CORPUS = (*TOKENS, *MARKUP)
WRAPPED = tuple(
    around.format(words)
    for around in ("{}", "*{}*", "Hello {} and all", "<https://evil.example|{}>", "`{}`.png")
    for words in CORPUS
)  # what is tried in every place
