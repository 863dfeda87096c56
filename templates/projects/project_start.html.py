BBBBBBB BBBBBBBBBBBBBBBBB
 #

BBBB BB BBBB
BBBBB BBBBB gettext(u'Begin an application') BBBBBBBB BBBBB
BBBBB BB gettext(u'Begin an application') BBBBBBBB BB
BBBBB BBBBBB
   gettext(u'Begin an application') 
  BBBBBBB BBBBBBBBBBBBBBBBBBBBBBB BBBB BBBBBBBBBBBB
BBBBBBBB BBBBBB
BBBBB BBBBBBB
  BB BBBBBBBB
    BBB BBBBBBBBBBBBBBBBBBBBB BB BBBB
     gettext(u'The application gets its acceptance number at once and keeps it. Nothing is handed in before you say so.') 
     _("Begin") 
  BBBB
     gettext(u'No edition takes applications at the moment') 
     gettext(u'The next call will be announced on the home page.') 
    BBBBBBB BBBBBBBBBBBBBBBBBB BBBB BBBBBBBBBBB BBBBBBBBB
  BBBBB
BBBBBBBB BBBBBBB
