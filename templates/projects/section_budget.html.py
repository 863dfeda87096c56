BBBBBBB BBBBBBBBBBBBBBBBBBBBBBBBBBBB
BBBB BB BBBB
BBBBB BBBBBBB
  XXXX XXXXXXXXXXX XXXXXXXXXXXX
    XX XXXXXXXXXXXXX
       gettext(u'Fiscal funds: at most %(ceiling)s yuan and at least %(least)s %% of the budget.') 
        SSSSSS SSSSSS SS SSSS SSSSSSSSSSS SSSS SSS SS SSSSS SSSSSSSSS SS SS SSS SSSSSSS
      
       gettext(u'Each line is unit price × quantity, split over fiscal, social and own funds.') 
    XXXX
  XXXXXX
   gettext(u'Lines left empty do not count. Saving gives you more lines.') 
   _("Save and continue") 
  XXXXXXXX XXXXXXXXXXXX XXXXXX
    XXX XXXXXXXXXXXXXXXXXXXXX gettext(u'Limits of the headings') XXXXX
    XXX XXXXXXXXXXXXX
      BBB BBBBBBB BB BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB
        BB BBBBBBBBBBBBBBBBBBB BB BBB BBBB
          XXXX gettext(u'%(name)s: at most %(cap)s %% of the budget') SSSSSSSSS SS SSSS SSSSSSS SS SS SSS SSSSSSXXXXX
        BBBBB
      BBBBBB
      XXXX gettext(u'Not to be paid:')  FFFFFFFFXXXXX
    XXXXX
  XXXXXXXXXX
BBBBBBBB BBBBBBB
