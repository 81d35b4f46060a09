"""The same over MySQL's protocol, with PyMySQL: python3 announcement_pymysql.py [3307]"""

import sys

import pymysql

conn = pymysql.connect(
    host='127.0.0.1', port=int(sys.argv[1]) if len(sys.argv) > 1 else 3307, user='root', connect_timeout=5, database='mydb'
)

curs = conn.cursor()
curs.execute('select * from mytable limit 5', {})

print(curs.description)
for v in curs:
    print(v)
print(curs.rowcount)
