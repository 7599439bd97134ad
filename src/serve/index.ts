/** Predictions for other programs: as a driver of i-PI's protocol, and over HTTP. */
export { checkExposure, parseHttpAddress, type HttpAddress } from "./http-access.js";
export { serveHttp, type HttpOptions, type HttpService } from "./http-server.js";
export { serveIpi, type IpiConnectionOptions } from "./ipi-connection.js";
export { PredictionQueue } from "./prediction-queue.js";
export { parseSocketAddress, type SocketAddress } from "./socket-address.js";
