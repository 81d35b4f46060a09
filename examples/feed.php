<?php
// The same page of the demo's feed by URL, with nothing but PHP: npm start, then php examples/feed.php [port]
$base = 'http://127.0.0.1:' . ($argv[1] ?? 3888) . '/?command=select';
$where = '&where=' . urlencode('hot:NUMGE:3');

$count = file_get_contents("$base&type=count$where");
$page = file_get_contents("$base&type=*$where&order_by=dateline&order_sort=NUMDESC&limit_skip=0&limit_max=5");

echo "$count stories\n";
foreach (json_decode($page, true) as $story) {
    echo "{$story['pkey']} {$story['username']} {$story['icon']} {$story['hot']}\n";
}
