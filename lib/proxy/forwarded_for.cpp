#include "forwarded_for.hpp"

#include <cstring>

namespace gatehouse::detail::proxy {
namespace {

constexpr std::string_view separator = ", ";

/// Appends elements to bytes that were counted in advance.
class list_writer {
 public:
  explicit list_writer(char* out) noexcept : begin_(out), at_(out) {}
  void add(std::string_view element) noexcept {
    if (element.empty()) return;
    if (at_ != begin_) put(separator);
    put(element);
  }
  void add(const ip_address& address) noexcept {
    char text[ip_address::max_text];
    add(std::string_view{text, address.write(text)});
  }
  [[nodiscard]] std::string_view written() const noexcept { return {begin_, static_cast<std::size_t>(at_ - begin_)}; }

 private:
  void put(std::string_view text) noexcept {
    std::memcpy(at_, text.data(), text.size());
    at_ += text.size();
  }
  char* begin_;
  char* at_;
};

}  // namespace

std::string_view forwarded_for(exchange& e) noexcept {
  const fields& sent = e.request.fields;
  const bool keeps = e.peer_trusted && sent.has(field::x_forwarded_for);
  std::size_t room = 2 * (ip_address::max_text + separator.size());
  if (keeps) {
    sent.for_each(field::x_forwarded_for, [&](std::string_view list) { room += list.size() + separator.size(); });
  }
  char* const out = e.memory.allocate(room);
  if (out == nullptr) return {};

  list_writer list{out};
  if (keeps) {
    sent.for_each(field::x_forwarded_for, [&](std::string_view line) { list.add(line); });
  } else {
    list.add(e.client);
  }
  // A Unix socket's other end has no address to name; an untrusted peer is the client itself.
  const bool says_peer = e.peer_trusted && !e.connection.unix_socket && (keeps || e.client != e.connection.peer);
  if (says_peer) list.add(e.connection.peer);
  return list.written();
}

}  // namespace gatehouse::detail::proxy
