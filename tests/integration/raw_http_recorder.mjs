// An upstream on Node's own HTTP server (llhttp, set to its most lenient) which puts what it took
// each request for into the field X-Sees of its answer, as the Python recorder does. Prints the port
// it listens on, then a line for everything it could not read.

import http from 'node:http';

let serial = 0;

const server = http.createServer({insecureHTTPParser: true, requireHostHeader: false},
                                 (request, response) => {
  const pieces = [];
  request.on('data', (piece) => pieces.push(piece));
  request.on('end', () => {
    const sees = {
      serial: ++serial,
      method: request.method,
      target: request.url,
      fields: request.rawHeaders,
      body: Buffer.concat(pieces).toString('latin1'),
    };
    const body = `answer ${serial}`;
    response.writeHead(200, {
      'X-Sees': Buffer.from(JSON.stringify(sees)).toString('base64'),
      'Content-Length': Buffer.byteLength(body),
    });
    response.end(request.method === 'HEAD' ? undefined : body);
  });
});
server.keepAliveTimeout = 60_000;
server.on('clientError', (error, socket) => {
  // The gate may give up an idle connection as it likes; anything else is a fault.
  if (error.code !== 'ECONNRESET') console.log(`fault ${error.code} ${error.message}`);
  socket.destroy();
});
server.on('upgrade', (request, socket) => {
  console.log(`fault upgrade ${request.url}`);
  socket.destroy();
});
server.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`));
