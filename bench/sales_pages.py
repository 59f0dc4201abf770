"""The plain templates of `bench.sales_plain`."""

ROWS = """<html><body><h1>{{ title }}</h1><p>{{ about }}</p><table>{% for row in rows %}<tr>
{% for cell in row %}<td>{{ cell }}</td>{% endfor %}
<td><a href="/staff/prospects/{{ row.0 }}/">open</a></td></tr>{% endfor %}</table></body></html>"""
BOARD = """<html><body><h1>Board</h1>{% for lane in lanes %}<section>
<h2>{{ lane.name }} {{ lane.total }} {{ lane.red }} {{ lane.money }}</h2>{% for c in lane.cards %}
<article class="tcard" id="card-{{ c.0 }}"><a href="/staff/prospects/{{ c.0 }}/">{{ c.2 }} {{ c.3 }}</a>
<a href="/staff/board/{{ c.0 }}/">move</a><span>{{ c.4 }}</span><b>{{ c.5 }}</b><b>{{ c.6 }}</b>
<i>{{ c.7|date:"j M H:i" }}</i><i>{{ c.8|date:"j M H:i" }}</i></article>{% endfor %}</section>
{% endfor %}</body></html>"""
PERSON = """<html><body><h1>{{ head.1 }} {{ head.2 }}</h1><dl>{% for cell in head %}<dd>{{ cell }}</dd>{% endfor %}</dl>
<ul>{% for row in bant %}<li>{{ row.0 }} {{ row.1 }} {{ row.2 }}</li>{% endfor %}</ul>
<ol>{% for row in story %}<li>{{ row.0|date:"j M Y H:i" }} {{ row.1 }} {{ row.2 }}</li>{% endfor %}</ol>
</body></html>"""
