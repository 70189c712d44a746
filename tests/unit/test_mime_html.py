"""HTML to the text that a reader sees."""

import pytest

from shared.mailbox.mime.html_text import render


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Guten Tag,</p><p>ich  komme\n morgen.<br>Danke</p>", "Guten Tag,\n\nich komme morgen.\nDanke"),
        ("<div>eins</div><div><br></div><div>zwei</div>", "eins\n\nzwei"),
        ('<p class="MsoNormal">eins</p><p class="MsoNormal">zwei</p>', "eins\nzwei"),
        ("<b>eins</b>&nbsp;<i>zwei</i>", "eins zwei"),
        ("<ul><li>Hund<li>Katze</ul><ol><li>a</li><li>b</li></ol>", "- Hund\n- Katze\n\n1. a\n2. b"),
        (
            "<table><tr><td>Zimmer</td><td>99 €</td></tr><tr><td>Hund</td><td>9 €</td></tr></table>",
            "Zimmer  99 €\nHund  9 €",
        ),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("5 &lt; 6 &amp; 7", "5 < 6 & 7"),
        ('<a href="https://x.de/a?b=1">Buchung</a>', "Buchung (https://x.de/a?b=1)"),
        ('<a href="https://www.x.de/">x.de</a>', "x.de"),
        ('<a href="mailto:a@x.de?subject=y">Schreiben</a>', "Schreiben (a@x.de)"),
        ('<a href="mailto:a@x.de">a@x.de</a>', "a@x.de"),
        ('<a href="javascript:x()">Klick</a> <a href="#top">oben</a>', "Klick oben"),
        ('<a href="https://x.de"><img src="p.gif" width="1" height="1"></a>Text', "Text"),
        ("", ""),
    ],
)
def test_html_reads_as_it_is_shown(html: str, text: str) -> None:
    assert render(html).text == text


@pytest.mark.parametrize(
    "hidden",
    [
        "<script>geheim</script>",
        "<style>geheim</style>",
        "<title>geheim</title>",
        "<!-- geheim -->",
        "<!--[if mso]><p>geheim</p><![endif]-->",
        "<template>geheim</template>",
        "<p hidden>geheim</p>",
        '<p style="display:none">geheim</p>',
        '<p style="DISPLAY : NONE !important">geheim</p>',
        '<div style="visibility:hidden"><b>geheim</b></div>',
        '<div style="font-size:0px"><b>geheim</b></div>',
        '<div style="font-size:1px;line-height:1px">geheim</div>',
        '<div style="max-height:0;overflow:hidden">geheim</div>',
        '<div style="width:0px;height:0px;overflow:hidden">geheim</div>',
        '<div style="opacity:0">geheim</div>',
        '<div style="text-indent:-9999px">geheim</div>',
        '<p style="color:#FFFFFF">geheim</p>',
        '<p><font color="white">geheim</font></p>',
        '<style>.pre, #x {color:red; display:none}</style><p class="a pre">geheim</p>',
        "<select><option>geheim</option></select>",
        "<p>ge\u200bh&#8203;&#x202e;</p>",
    ],
)
def test_what_a_reader_cannot_see_is_not_read(hidden: str) -> None:
    text = render(f"<p>sichtbar</p>{hidden}<p>auch</p>").text
    assert "geheim" not in text
    assert "\u200b" not in text
    assert text.startswith("sichtbar\n\n")
    assert text.endswith("auch")


@pytest.mark.parametrize(
    "seen",
    [
        '<div style="font-size:0"><span style="font-size:14px">da</span></div>',
        '<div style="visibility:hidden"><b style="visibility:visible">da</b></div>',
        '<td bgcolor="#003366"><a style="color:#ffffff">da</a></td>',
        '<div style="background:#036"><p style="color:white">da</p></div>',
        '<div style="opacity:0.9;height:0.5em">da</div>',
        "<style>@media (max-width:600px){.m{display:none}}</style><p class=m>da</p>",
        "<noscript>da</noscript>",
        '<p style="margin-left:-10px">da</p>',
    ],
)
def test_what_a_reader_sees_is_read(seen: str) -> None:
    assert render(f"<table><tr>{seen}" if seen.startswith("<td") else seen).text == "da"


@pytest.mark.parametrize(
    ("html", "quoted"),
    [
        (
            'Neu<div class="gmail_quote"><div class="gmail_attr">Am</div>'
            '<blockquote class="gmail_quote">alt</blockquote></div>',
            "Am alt",
        ),
        ('Neu<div class="moz-cite-prefix">Am</div><blockquote type="cite">alt</blockquote>', "Am alt"),
        ('Neu<div id="appendonsend"></div><hr><div id="x_divRplyFwdMsg">Von</div><p>alt</p>', "Von alt"),
        ('Neu<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3pt">Von</div><p>alt</p>', "Von alt"),
        ('Neu<div class="OutlookMessageHeader">Von</div>alt', "Von alt"),
        ('Neu<div name="quote" style="border-left:2px">alt</div>', "alt"),
        ('Neu<div class="yahoo_quoted">alt</div>', "alt"),
        ("Neu<blockquote>eingerückt</blockquote>", ""),
    ],
)
def test_marked_quotes_are_found(html: str, quoted: str) -> None:
    found = render(html)
    assert " ".join(" ".join(found.text[start:stop] for start, stop in found.quoted).split()) == quoted
