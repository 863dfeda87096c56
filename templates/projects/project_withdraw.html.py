BBBBBBB BBBBBBBBBBBBBBBBB
BBBB BB BBBB
BBBBB BBBBB gettext(u'Withdraw')  X BBBBBBBB BBBBB
BBBBB BB gettext(u'Withdraw the application') BBBBBBBB BB
BBBBB BBBBBB
   gettext(u'Withdraw') 
  BBBBBBB BBBBBBBBBBBBBBBBBBBBBBB
BBBBBBBB BBBBBB
BBBBB BBBBBBB
  BBB BBBBBBBBBBBBBBBBBBBBBBBB BBBBBBBBBBBB BB BBBB
   gettext(u'Take this application back?') 
   gettext(u'It no longer counts as handed in. You can change it and hand it in again until %(at)s.') SS SS SSSSSS SSSSSS SS SSSSSS SSS SSS SSS SSSSSS SS SSS SSSS SS SS SSSSS SSSSS SSSSSSS
   _("Withdraw") 
BBBBBBBB BBBBBBB
