#pragma once
// Every numeric cap, in one place, with its unit in its name. Defaults and sources: docs/limits.md (spec: http.md
// section 4).

#include <cstddef>
#include <cstdint>

#include <gatehouse/base/clock.hpp>

namespace gatehouse {

/// What a connection, a request and the process may use at most. Aggregate; `[limits]` of the configuration fills it.
struct limits {
  // The request head. Over `head_bytes` or `fields`: 431; over `target_bytes`: 414.
  std::uint32_t head_bytes = 16 * 1024;   // request line and all field lines; 1 KiB to 64 KiB
  std::uint32_t target_bytes = 4 * 1024;  // at most head_bytes
  std::uint16_t fields = 64;              // field lines; at most max_field_lines - 32 (room for our own)
  // Bodies. Over it: 413, before the handler sees a byte where the length is declared.
  std::uint64_t body_bytes = 1024 * 1024;                       // 0: no body is accepted
  std::uint64_t buffered_body_bytes_total = 256 * 1024 * 1024;  // all buffered bodies together; over it: 503
  std::uint32_t chunk_extension_bytes = 256;                    // of one chunk, parsed and dropped
  std::uint32_t trailer_bytes = 4 * 1024;                       // the whole trailer section, parsed and dropped
  // Deadlines.
  milliseconds head_timeout{10'000};  // from a request's first byte (the first request: from accept) to its whole head:
                                      // 408
  milliseconds body_idle_timeout{15'000};          // between two pieces of a body: 408
  std::uint32_t body_min_bytes_per_second = 1024;  // averaged, judged after body_rate_grace
  milliseconds body_rate_grace{10'000};
  milliseconds write_stall_timeout{30'000};  // no progress of a response: the connection is reset
  milliseconds idle_timeout{75'000};         // keep-alive without a request (load balancers keep 60 s)
  milliseconds linger_timeout{2'000};        // after an early answer: how long the unread rest is drained
  // And how much of it. So much that a client which sends a large body before it looks (curl, fetch, Node) still reads
  // our answer instead of a reset; dropped as it comes, so it costs time and no memory.
  std::uint32_t linger_bytes = 32 * 1024 * 1024;
  milliseconds shutdown_timeout{10'000};  // graceful stop: then what is left is cut
  // Between the signal and that stop: accepting goes on, so that load balancers notice first that we are not ready.
  milliseconds shutdown_delay{0};
  // Connections.
  std::uint32_t requests_per_connection = 10'000;
  milliseconds connection_age{3'600'000};
  std::uint32_t connections_per_client = 256;  // IPv6 by /64; exempt: trusted proxies; loopback on its listeners
  std::uint32_t connections = 0;               // all of the process; 0: 80 % of the descriptor limit
  // TLS. A handshake counts from its first byte: before that it costs no more than a connection.
  milliseconds tls_handshake_timeout{5'000};  // from accept to the end of the handshake: the connection is closed
  std::uint32_t tls_handshakes = 1'024;       // under way at once, of one loop; above it new ones are closed
};

// Bounds that are not configurable: sizes of fixed structures.
inline constexpr std::size_t max_field_lines = 128;     // in any message, ours included
inline constexpr std::size_t max_rules = 24;            // of one policy
inline constexpr std::size_t max_trace_entries = 64;    // of one exchange; later ones are counted, not kept
inline constexpr std::size_t max_path_parameters = 16;  // of one route
inline constexpr std::size_t max_counted_routes = 256;  // that metrics tell apart, reloads included; the others
                                                        // together
inline constexpr std::size_t body_padding = 64;         // bytes readable after a buffered body (simdjson)
// What is read of a request's unwanted body only to keep its connection: more costs more than a new connection does.
inline constexpr std::size_t max_drained_bytes = 256 * 1024;
// KeyUpdates that a TLS peer may send (RFC 8446 section 4.6.3): each costs us a key, and perhaps an answer. So many,
// and one more for each MiB that it sent.
inline constexpr std::size_t max_tls_key_updates = 16;
inline constexpr std::size_t max_certificate_file_bytes = 1024 * 1024;  // a certificate with its chain, or a key
// What a client's certificate may cost before we know who it is: its own bytes (which a request may take to an
// upstream), those of it and its chain, and the intermediate certificates of a chain that are followed.
inline constexpr std::size_t max_client_certificate_bytes = 8 * 1024;
inline constexpr std::size_t max_client_chain_bytes = 32 * 1024;
inline constexpr int max_client_intermediates = 4;
inline constexpr std::size_t max_client_authorities = 100;  // of one configuration: each is named in every handshake
inline constexpr std::size_t max_tls_certificates = 1'000;  // of one configuration

}  // namespace gatehouse
