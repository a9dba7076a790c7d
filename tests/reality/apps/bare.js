// A Node server without any handling of signals.
const fs = require("node:fs");
const http = require("node:http");

http
  .createServer((request, response) => {
    fs.writeFileSync("started", "");
    const timer = setInterval(() => {
      if (!fs.existsSync("finish")) return;
      clearInterval(timer);
      response.end("finished");
    }, 20);
  })
  .listen(8000, "127.0.0.1");
