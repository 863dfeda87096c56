BBBBBBB BBBBBBBBBBBBBBBBBBBBBBBBBBBB
BBBB BB BBBB
BBBBB BBBBBBB
   gettext(u'Phones are shown to your own people and to the clerk only.') 
   _("Save and continue") 
BBBBBBBB BBBBBBB
