// The note that every subject answers with, behind what an Express team puts before it. Started by bench/run.
import { randomUUID } from "node:crypto";
import cors from "cors";
import express from "express";
import { rateLimit } from "express-rate-limit";
import helmet from "helmet";

const note = JSON.parse(process.env.BODY);
const app = express();
app.set("etag", false); // no other subject computes one

if (process.env.MIDDLEWARE) {
  app.use((request, response, next) => {
    response.set("X-Request-Id", randomUUID());
    next();
  });
  app.use(cors({ origin: "https://app.example.com" }));
  // Gatehouse's `api` profile, said in helmet's words.
  app.use(
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          defaultSrc: ["'none'"],
          baseUri: ["'none'"],
          formAction: ["'none'"],
          frameAncestors: ["'none'"],
        },
      },
      frameguard: { action: "deny" },
      hsts: false,
      originAgentCluster: false,
      dnsPrefetchControl: false,
      ieNoOpen: false,
      permittedCrossDomainPolicies: false,
      xXssProtection: false,
    }),
  );
  app.use((request, response, next) => {
    response.set("Cache-Control", "no-store, max-age=0");
    next();
  });
  app.use(rateLimit({ windowMs: 60_000, limit: 1_000_000_000, standardHeaders: "draft-8", legacyHeaders: false }));
}

app.get("/notes/:id", (request, response) => response.json(note));

const server = app.listen(Number(process.env.PORT), "127.0.0.1", 4096);
server.keepAliveTimeout = 75_000; // as the others; Node's own 5 s would close idle connections while they are counted
