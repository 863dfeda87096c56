BBBBBBB BBBBBBBBBBBBBBBB
 #

BBBB BB BBBB
BBBBB BBBBB gettext(u'Intake') BBBBBBBB BBBBB
BBBBB BB gettext(u'Intake') BBBBBBBB BB
BBBBB BBBBXXX gettext(u'Applications that have been handed in: check their form, accept, return or refuse.') XXXXBBBBBBBB BBBB
BBBBB BBBBBBB
  BBB BBBBBBBBBBBBBBBBB BB BBBBBBBBBBB
  BB BBBBBBBBBBBXX XXXXXXXXXX XXXXXXXXXXXXXXXXXXXX XXXXXXXX gettext(u'Publish the list') XXXXBBBBB
BBBBBBBB BBBBBBB
BBBBB BBBBBBB
  XXX XXXXXXXXXXXXXXXXXXXXXXXX gettext(u'Applications') XXXXX
   _("Status") 
   gettext(u'Nothing has been handed in yet') 
   gettext(u'Applications appear here as soon as they are handed in. Drafts are not shown.') 
   gettext(u'Number, title, organisation') 
  BBBBBBB BBBBBBBBBBBBBBBBBBBB BBBB BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB BBBBBBBBBBBBBBBBBBB BBBBBBBBBBBBBB BBBBBBBBBBBBBBBB
BBBBBBBB BBBBBBB
