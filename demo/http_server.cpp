// Everything that is missing here is missing on purpose: limits, deadlines, strictness. docs: `gatehouse demo`.
#include "http_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <thread>

namespace demo {
namespace {

class connection {
 public:
  connection(int socket, std::string peer) : socket_(socket), peer_(std::move(peer)) {}
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  ~connection() { ::close(socket_); }

  void serve(const answer& how) {
    while (const auto r = read_request()) {
      const auto wants = r->headers.find("connection");
      const bool last = wants != r->headers.end() && wants->second == "close";
      send_response(r->method, how(*r), last);
      if (last) return;
    }
  }

 private:
  bool receive() {
    char piece[16384];
    const ssize_t n = ::recv(socket_, piece, sizeof(piece), 0);
    if (n > 0) buffer_.append(piece, static_cast<std::size_t>(n));
    return n > 0;
  }

  /// A line without its end; a lone LF will do.
  std::optional<std::string> read_line() {
    for (;;) {
      const auto end = buffer_.find('\n');
      if (end != std::string::npos) {
        std::string line = buffer_.substr(0, end);
        buffer_.erase(0, end + 1);
        if (!line.empty() && line.back() == '\r') line.pop_back();
        return line;
      }
      if (!receive()) return std::nullopt;
    }
  }

  bool read_exactly(std::size_t n, std::string& out) {
    while (buffer_.size() < n) {
      if (!receive()) return false;
    }
    out.append(buffer_, 0, n);
    buffer_.erase(0, n);
    return true;
  }

  std::optional<request> read_request() {
    const auto first = read_line();
    if (!first) return std::nullopt;
    request r;
    r.peer = peer_;
    r.head = *first + "\r\n";
    const auto space = first->find(' ');
    r.method = first->substr(0, space);
    const std::string target = space == std::string::npos
                                   ? "/"
                                   : first->substr(space + 1, first->find(' ', space + 1) - space - 1);
    r.path = target.substr(0, target.find('?'));
    if (r.path.size() < target.size()) r.query = target.substr(r.path.size() + 1);
    for (;;) {
      const auto line = read_line();
      if (!line) return std::nullopt;
      if (line->empty()) break;
      r.head += *line + "\r\n";
      const auto colon = line->find(':');
      if (colon == std::string::npos) continue;
      std::string name = line->substr(0, colon);
      std::transform(name.begin(), name.end(), name.begin(),
                     [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      const auto value = line->find_first_not_of(" \t", colon + 1);
      r.headers[name] = value == std::string::npos ? "" : line->substr(value);
    }
    return read_body(r) ? std::optional(std::move(r)) : std::nullopt;
  }

  /// With both lengths, the chunks count: a proxy that counts the other one sees another end of the request.
  bool read_body(request& r) {
    if (r.headers.count("transfer-encoding") != 0) return read_chunks(r.body);
    const auto length = r.headers.find("content-length");
    return length == r.headers.end() || read_exactly(std::strtoull(length->second.c_str(), nullptr, 10), r.body);
  }

  bool read_chunks(std::string& body) {
    for (;;) {
      const auto line = read_line();
      if (!line) return false;
      const auto size = std::strtoull(line->c_str(), nullptr, 16);
      if (size == 0) break;
      if (!read_exactly(size, body) || !read_line()) return false;
    }
    for (auto line = read_line(); line && !line->empty(); line = read_line()) {
    }
    return true;
  }

  void send_response(const std::string& method, const response& r, bool last) {
    std::string out = "HTTP/1.1 " + std::to_string(r.status) + (r.status < 400 ? " OK" : " Error") +
                      "\r\nX-Powered-By: notes-api/1.0 (SQLite)\r\nAccess-Control-Allow-Origin: *" +
                      (r.type.empty() ? "" : "\r\nContent-Type: " + r.type) +
                      (r.cookie.empty() ? "" : "\r\nSet-Cookie: " + r.cookie) +
                      "\r\nContent-Length: " + std::to_string(r.body.size()) + (last ? "\r\nConnection: close" : "") +
                      "\r\n\r\n";
    if (method != "HEAD") out += r.body;
    std::size_t sent = 0;
    while (sent < out.size()) {
      const ssize_t n = ::send(socket_, out.data() + sent, out.size() - sent, MSG_NOSIGNAL);
      if (n <= 0) return;
      sent += static_cast<std::size_t>(n);
    }
  }

  int socket_;
  std::string peer_;
  std::string buffer_;
};

int fail(const char* what) {
  std::perror(what);
  return 1;
}

}  // namespace

int serve(std::uint16_t port, const answer& how) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);  // never anything else
  socklen_t length = sizeof(at);
  auto* const address = reinterpret_cast<sockaddr*>(&at);
  if (::bind(listener, address, length) != 0) return fail("bind");
  if (::listen(listener, 64) != 0) return fail("listen");
  ::getsockname(listener, address, &length);
  std::printf("listening on http://127.0.0.1:%u\n", static_cast<unsigned>(ntohs(at.sin_port)));
  std::fflush(stdout);

  for (;;) {
    sockaddr_in peer{};
    socklen_t peer_length = sizeof(peer);
    const int socket = ::accept(listener, reinterpret_cast<sockaddr*>(&peer), &peer_length);
    if (socket < 0) continue;
    char text[INET_ADDRSTRLEN] = {};
    ::inet_ntop(AF_INET, &peer.sin_addr, text, sizeof(text));
    std::thread([socket, from = std::string(text), &how] { connection(socket, from).serve(how); }).detach();
  }
}

}  // namespace demo
