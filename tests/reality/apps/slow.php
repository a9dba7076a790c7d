<?php
// A slow request: it ends when the file `finish` is there.
touch("/srv/started");
while (!file_exists("/srv/finish")) {
    usleep(20000);
    clearstatcache();
}
echo "finished";
