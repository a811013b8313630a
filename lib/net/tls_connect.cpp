// The client's side of a handshake: from an address to a secured connection, within one deadline.
#include <array>
#include <cerrno>
#include <string>
#include <utility>

#include <gatehouse/base/assert.hpp>
#include <gatehouse/net/tls_client.hpp>

#include "tls_profile.hpp"
#include "tls_stream.hpp"

namespace gatehouse {
namespace {

using detail::net::client_facts;
using detail::net::handshake_listener;
using detail::net::presented_text;
using detail::net::session_ptr;
using detail::net::session_store;
using detail::net::tls_client_context;
using detail::net::tls_stream;

struct verdict {
  tls_trouble what;
  std::string_view advice;
};

/// What OpenSSL found wrong with a certificate, as an operator has to tell it apart.
verdict judge(int refused_for) noexcept {
  switch (refused_for) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return {.what = tls_trouble::expired, .advice = "it needs a new certificate; or is this machine's clock wrong?"};
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return {.what = tls_trouble::wrong_name,
              .advice = "ask for a name that it is for: in the URL, or with tls.server_name"};
    default:
      return {.what = tls_trouble::untrusted, .advice = "name the authority that signed it in tls.ca, if it is yours"};
  }
}

class tls_connecting final : public connecting, private connect_owner, private handshake_listener, private deadline {
 public:
  tls_connecting(loop& l, const tls_target& to, milliseconds timeout, connect_owner& owner)
      : loop_(l),
        host_(to.host),
        // There is no other kind of either.
        with_(std::static_pointer_cast<const tls_client_context>(to.with)),
        sessions_(std::static_pointer_cast<session_store>(to.sessions)),
        owner_(owner),
        until_(l.now() + timeout),
        plain_(l.connect(to.host, to.port, timeout, *this)) {}
  tls_connecting(const tls_connecting&) = delete;
  tls_connecting& operator=(const tls_connecting&) = delete;
  ~tls_connecting() override {
    if (connection_ != nullptr) stream_->forget_listener();
  }

 private:
  void on_connect(connect_result r) noexcept override {
    plain_.reset();
    if (r.connection == nullptr) return owner_.on_connect(std::move(r));
    address_ = r.address;
    auto facts = std::make_unique<client_facts>();
    facts->sessions = sessions_;
    facts->clock = &loop_;
    auto ssl = with_->make_client(host_, *facts);
    if (ssl == nullptr) {
      return owner_.on_connect({.connection = nullptr, .error_number = ENOMEM, .address = address_});
    }
    if (sessions_ != nullptr) {
      if (const session_ptr s = sessions_->copy(loop_.now())) (void)SSL_set_session(ssl.get(), s.get());
    }
    begin(std::move(r.connection), std::move(ssl), std::move(facts));
  }
  void begin(stream_ptr plain, detail::net::ssl_ptr ssl, std::unique_ptr<client_facts> facts) {
    stream_ = new tls_stream(loop_, std::move(plain), std::move(ssl), std::move(facts), *this);
    connection_.reset(stream_);
    loop_.timers().set(*this, until_);
    stream_->start_client();  // the end of this, perhaps
  }

  bool on_handshake_begun() noexcept override { return true; }
  void on_handshake_done() noexcept override {
    deadline::clear();
    // RFC 7301 section 3.2: a server chooses of what was offered, or says nothing.
    const std::string_view chosen = stream_->chosen_protocol();
    if (!chosen.empty() && chosen != detail::net::tls_http_1_1.substr(1)) {
      return fail(tls_trouble::handshake, EPROTO, "it chose a protocol that was not offered (ALPN)");
    }
    stream_ = nullptr;
    // The end of this, usually.
    owner_.on_connect({.connection = std::move(connection_), .error_number = 0, .address = address_});
  }
  void on_handshake_failed(tls_failure why) noexcept override {
    deadline::clear();
    const client_facts& facts = stream_->asked();
    if (facts.refused != nullptr) {
      const verdict v = judge(facts.refused_for);
      return fail(v.what, EPROTO,
                  "its certificate was refused (" + std::string{X509_verify_cert_error_string(facts.refused_for)} +
                      "; expected: " + std::string{with_->name_for(host_)} +
                      "): " + presented_text(facts.refused.get()) + "; " + std::string{v.advice});
    }
    if (why == tls_failure::plain_text) {
      return fail(tls_trouble::handshake, EPROTO, "what answers there does not speak TLS: is it meant to be http://?");
    }
    std::string text{stream_->trouble()};
    if (text.empty()) text = "the connection ended in the handshake";
    fail(tls_trouble::handshake, EPROTO, std::move(text));
  }
  void expired() noexcept override {
    fail(tls_trouble::timed_out, ETIMEDOUT, "it did not finish the handshake in time");
  }
  void fail(tls_trouble what, int error_number, std::string text) noexcept {
    stream_->forget_listener();
    stream_->abort();
    connect_result r{
        .connection = nullptr, .error_number = error_number, .address = address_, .tls = what, .text = std::move(text)};
    owner_.on_connect(std::move(r));  // the end of this, usually
  }

  loop& loop_;
  std::string host_;
  std::shared_ptr<const tls_client_context> with_;
  std::shared_ptr<session_store> sessions_;
  connect_owner& owner_;
  steady_time until_;
  ip_address address_{};
  std::unique_ptr<connecting> plain_;
  tls_stream* stream_ = nullptr;
  stream_ptr connection_{};
};

}  // namespace

std::unique_ptr<connecting> tls_connect(loop& l, const tls_target& to, milliseconds timeout, connect_owner& owner) {
  GATEHOUSE_ASSERT(to.with != nullptr);
  return std::make_unique<tls_connecting>(l, to, timeout, owner);
}

}  // namespace gatehouse
