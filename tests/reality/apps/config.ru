# A Rack app whose every request is slow: it ends when the file `finish` is there.
run lambda { |_environment|
  File.write("started", "")
  sleep 0.02 until File.exist?("finish")
  [200, { "content-type" => "text/plain" }, ["finished"]]
}
