SELECT JSON_EXTRACT('{"a": 1, "b": [1, 2]}', '$.b[1]'), JSON_EXTRACT('{"a": 1}', '$.x'), JSON_EXTRACT('[1, {"x": "y"}]', '$[1].x'), JSON_EXTRACT('{"a": 1, "b": 2}', '$.a', '$.b');
SELECT JSON_OBJECT('n', 1.5, 't', 'x"y', 'z', NULL), JSON_ARRAY(1, 'two', NULL, 3.5), JSON_ARRAY();
SELECT JSON_SET('{"a": 1}', '$.b', 2), JSON_INSERT('{"a": 1}', '$.a', 2), JSON_REPLACE('{"a": 1}', '$.a', 'x'), JSON_REMOVE('{"a": 1, "b": 2}', '$.a'), JSON_ARRAY_APPEND('[1, 2]', '$', 3);
SELECT JSON_CONTAINS('{"a": [1, 2]}', '2', '$.a'), JSON_CONTAINS_PATH('{"a": 1}', 'one', '$.a', '$.b'), JSON_CONTAINS_PATH('{"a": 1}', 'all', '$.a', '$.b'), JSON_LENGTH('{"a": 1, "b": [1]}'), JSON_LENGTH('[1, 2]', '$[0]'), JSON_DEPTH('[1, [2]]'), JSON_DEPTH('1');
SELECT JSON_TYPE('1'), JSON_TYPE('1.5'), JSON_TYPE('"x"'), JSON_TYPE('null'), JSON_TYPE('true'), JSON_TYPE('{}'), JSON_VALID('{"a":}'), JSON_VALID(NULL);
SELECT JSON_UNQUOTE('"a\\tb"'), JSON_QUOTE('x'), JSON_MERGE_PATCH('{"a": 1, "b": 2}', '{"b": null, "c": 3}'), JSON_MERGE_PRESERVE('[1]', '2');
CREATE TABLE j (id INT PRIMARY KEY, doc JSON);
INSERT INTO j VALUES (1, '{"a": 1, "name": "Ann"}'), (2, '[1, 2]'), (3, NULL);
SELECT id, JSON_EXTRACT(doc, '$.name'), JSON_UNQUOTE(JSON_EXTRACT(doc, '$.name')), JSON_EXTRACT(doc, '$.a') + 1 FROM j ORDER BY id;
SELECT id FROM j WHERE JSON_EXTRACT(doc, '$.a') = 1;
SELECT id FROM j WHERE JSON_UNQUOTE(JSON_EXTRACT(doc, '$.name')) = 'Ann';
SELECT doc->'$.name', doc->>'$.name' FROM j WHERE doc->>'$.a' = 1;
-- sluice: "Ann" | Ann
-- why: MariaDB has no arrows
INSERT INTO j VALUES (4, '{broken');
-- sluice: error 3140
-- why: in MariaDB JSON is text with a CHECK
SELECT JSON_ARRAYAGG(id), JSON_OBJECTAGG(id, id * 2) FROM j;
-- sluice: [1, 2, 3] | {"1": 2, "2": 4, "3": 6}
-- why: MariaDB writes its arrays without blanks
