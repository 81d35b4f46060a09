"""The example of Vtocc's announcement, in Python 3: python3 announcement.py [localhost:3888]

Before it, with any client: CREATE DATABASE mydb; CREATE TABLE mydb.mytable (...)
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'clients', 'python'))

from sluice import connect

conn = connect(sys.argv[1] if len(sys.argv) > 1 else 'localhost:3888', timeout=5, dbname='mydb')

curs = conn.cursor()
curs.execute('select * from mytable limit 5', {})

print(curs.description)
for v in curs:
    print(v)
print(curs.rowcount)
