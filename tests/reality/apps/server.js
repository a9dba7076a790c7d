// A Node server that drains on SIGTERM: it answers what it was asked, then ends.
const fs = require("node:fs");
const http = require("node:http");

const server = http.createServer((request, response) => {
  fs.writeFileSync("started", "");
  const timer = setInterval(() => {
    if (!fs.existsSync("finish")) return;
    clearInterval(timer);
    response.end("finished");
  }, 20);
});
server.listen(8000, "127.0.0.1");
process.on("SIGTERM", () => server.close());
process.on("SIGINT", () => server.close());
