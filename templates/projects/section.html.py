BBBBBBB BBBBBBBBBBBBBBBBBBBBBBBBBBBB
BBBB BB BBBB
BBBBB BBBBBBB
   gettext(u'You can leave fields empty now and come back; everything is needed when you hand in, unless marked optional.') 
   _("Save and continue") 
BBBBBBBB BBBBBBB
