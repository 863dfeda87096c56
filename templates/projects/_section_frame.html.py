
BBBB BB BBBB
BB BBBBBBB
  XXXX XXXXXXXXXXX XXXXXXXXXXXXXX XXXXXXXXXXXXX gettext(u'The deadline has passed. You can still save, but not hand in.') XXXXXXXXXX
BBBBB
BB BBBBBB
  XXXX XXXXXXXXXXX XXXXXXXXXXX XXXXXXXXXXXXX
    XX XXXXXXXXXXXXXXXXXXXX gettext(u'Two versions of this section') XXXX
    XXX gettext(u'Below, in the form, stands what you typed. Meanwhile this was saved:') XXXX
    BBB BBBBBB BBBB BB BBBBBB
      XX XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX
      XXXXXXXXXXX XXXXXXXXXXXXXXXXXXXXXXXFFFFFFFFFFFFFFFFFFFFFFFXXXXXXXXXXXXX
    BBBBBB
    XX XXXXXXXXXXXXX gettext(u'Take over what you need, then save again: your text will stand.') XXXX
  XXXXXX
BBBBB
