"""The two pages by hand, for Jinja2: each one template, in English."""

TOP = """<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{{ title | default("Forum") }} · Folkmoot</title>
<link rel="stylesheet" href="/static/style.css">
<link rel="icon" href="/static/icon.svg" type="image/svg+xml">
<link rel="alternate" type="application/atom+xml" title="Discussions" href="/feed.atom">
<script src="/static/live.js" defer></script>
<meta name="robots" content="noindex"></head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header class="top">
  <div class="wide">
    <a class="brand" href="/"><span aria-hidden="true">🌿</span> Folkmoot</a>
    <nav aria-label="Pages">
      <a href="/">Forum</a>
      <a href="/highlights">Highlights</a>
      <a href="/digests">Digests</a>
      <a href="/search">Search</a>
    </nav>
  </div>
</header>
<main id="content" class="wide" tabindex="-1">
"""
END = """
</main>
<footer class="wide foot">
  <p><a href="/feed.atom">Feed</a></p>
</footer>
</body>
</html>
"""
COUNTERS = (
    '<p class="counters"><span aria-hidden="true">💬 {{ count }} msg{{ "" if count == 1 else "s" }}'
    ' · ⭐ {{ highlights }} highlight{{ "" if highlights == 1 else "s" }} · 🕐 {{ ago }}</span><span class="heard">'
    '{{ count }} message{{ "" if count == 1 else "s" }}, {{ highlights }} highlight'
    '{{ "" if highlights == 1 else "s" }}, last activity {{ spoken }}</span></p>'
    '<p class="state"><span aria-hidden="true">{{ state[0] }}</span> {{ state[1] }}</p>'
)
INDEX = f"""{TOP}<h1>Forum</h1>
<div id="list" data-live>
<nav class="tabs" aria-label="Which discussions">
  {{% for url, label, n in tabs %}}
  <a href="{{{{ url }}}}">{{{{ label }}}} <span class="n">{{{{ n }}}}</span></a>
  {{% endfor %}}
</nav>
<details class="filter" id="channels">
  <summary>Channel: <b>All channels</b></summary>
  <nav aria-label="Channels">
    <a href="/" aria-current="true">All channels</a>
    <p class="group" id="space-1">{{{{ items[0][5] }}}} · Slack</p>
    <ul aria-labelledby="space-1">{{% for key, name in channels %}}
<li><a href="/?channel={{{{ key }}}}">#{{{{ name }}}}</a></li>
    {{% endfor %}}</ul>
  </nav>
</details>
<ol class="list">
{{% for id, title, summary, highlights, channel, space, count, slug, ago, spoken, sign, words in items %}}
{{% set state = (sign, words) %}}
<li class="item">
  <h2><a href="/d/{{{{ id }}}}/{{{{ slug }}}}">{{{{ title }}}}</a></h2>
  {{% if summary %}}<p class="summary">{{{{ summary }}}}</p>{{% endif %}}
  <div class="facts">{COUNTERS}<p class="where">#{{{{ channel }}}} · {{{{ space }}}} · Slack</p></div>
</li>
{{% endfor %}}
</ol>
{{% if more %}}
<p class="next"><a class="button" rel="next" href="/?tab=all&amp;before={{{{ more }}}}">Older discussions</a></p>
{{% endif %}}
</div>{END}"""
POST = """<p class="meta"><b class="author">{{ name }}</b>
<a class="when" href="#m{{ position }}"><time datetime="{{ machine }}" title="{{ exact }}">{{ ago }}</time></a>
{% if reply_to in writers %} <a class="tie" href="#m{{ reply_to }}"><span aria-hidden="true">↩</span>
 in reply to {{ writers[reply_to] }}</a>{% endif %}
{% if position in asked %} <a class="badge" href="#m{{ asked[position] }}"><span aria-hidden="true">✅</span>
 Answer</a>{% endif %}
{% if votes %}<span class="star"><span aria-hidden="true">⭐ {{ votes }}</span>
<span class="heard">highlighted by {{ votes }} {{ "person" if votes == 1 else "people" }}</span></span>{% endif %}</p>
    <div class="words">{{ html }}</div>
    {% if position in answers %}<p class="answered"><a href="#m{{ answers[position] }}">
<span aria-hidden="true">✅</span> Answered by {{ writers[answers[position]] }}</a></p>{% endif %}"""
DISCUSSION = f"""{TOP}<div class="back"><a href="/"><span aria-hidden="true">←</span> Back to Forum</a>
<p class="where"><a href="/?channel={{{{ key }}}}">#{{{{ channel }}}}</a> · {{{{ space }}}} · Slack</p></div>
<article>
<header class="head" id="head" data-live>
  <h1>{{{{ title }}}}</h1>
  {{% if summary %}}<p class="summary">{{{{ summary }}}}</p>{{% endif %}}
  {COUNTERS}
</header>
<div id="posts" data-live>
{{% for position, name, html, machine, exact, ago, votes, reply_to in posts if position == first %}}
<section class="post opening{{% if votes %}} highlighted{{% endif %}}" id="m{{{{ position }}}}">
  {POST}
</section>
{{% endfor %}}
<h2 class="heard">Replies</h2>
<ol class="replies">
{{% for position, name, html, machine, exact, ago, votes, reply_to in posts if position != first %}}
  <li class="post{{% if votes %}} highlighted{{% endif %}}" id="m{{{{ position }}}}">
    {POST}
  </li>
{{% endfor %}}
</ol>
</div>
</article>{END}"""
