// The server's side of a handshake: from an accepted connection to a secured one, within its time.
#include <utility>

#include <gatehouse/base/assert.hpp>
#include <gatehouse/net/tls.hpp>

#include "tls_stream.hpp"

namespace gatehouse {
namespace {

using detail::net::handshake_facts;
using detail::net::handshake_listener;
using detail::net::tls_contexts;
using detail::net::tls_stream;

/// What a connection made known, and what its views point into.
struct kept_channel {
  std::shared_ptr<const tls_contexts> contexts;
  std::shared_ptr<const client_certificate> client;
  secure_channel channel;
};

std::shared_ptr<const secure_channel> channel_of(const tls_stream& s) {
  const handshake_facts& facts = s.handshake();
  auto kept = std::make_shared<const kept_channel>(kept_channel{.contexts = s.contexts(),
                                                                .client = facts.client,
                                                                .channel = {.server_name = facts.server_name,
                                                                            .names = &facts.shown->names,
                                                                            .development = facts.shown->development,
                                                                            .protocol = s.protocol(),
                                                                            .client = facts.client.get()}});
  const secure_channel* const inside = &kept->channel;
  return {std::move(kept), inside};
}

class accepting final : public tls_accepting, private handshake_listener, private deadline {
 public:
  accepting(loop& l, stream_ptr plain, std::shared_ptr<const tls_server> with, const tls_accept_options& options,
            tls_accept_owner& owner)
      : counted_(*options.counted),
        owner_(owner),
        // There is no other kind: it has no public constructor.
        stream_(new tls_stream(l, std::move(plain), std::static_pointer_cast<const tls_contexts>(std::move(with)),
                               *this, options.to_plain_text)),
        connection_(stream_) {
    l.timers().set(*this, l.now() + options.timeout);
    stream_->start();
  }
  accepting(const accepting&) = delete;
  accepting& operator=(const accepting&) = delete;
  ~accepting() override {
    end_count();
    if (connection_ != nullptr) stream_->forget_listener();
  }

 private:
  bool on_handshake_begun() noexcept override {
    if (counted_.under_way >= counted_.at_most) return false;
    ++counted_.under_way;
    begun_ = true;
    return true;
  }
  void on_handshake_done() noexcept override {
    deadline::clear();
    end_count();
    secured_connection made{.channel = channel_of(*stream_), .resumed = stream_->was_resumed()};
    made.connection = std::move(connection_);
    owner_.on_secured(std::move(made));  // the end of this, usually
  }
  void on_handshake_failed(tls_failure why) noexcept override {
    deadline::clear();
    end_count();
    const std::string particulars{stream_->client_problem()};  // the owner may end this, and the stream
    owner_.on_not_secured(why, particulars);
  }
  void expired() noexcept override {
    stream_->forget_listener();
    end_count();
    owner_.on_not_secured(tls_failure::timed_out, {});
  }
  void end_count() noexcept {
    if (std::exchange(begun_, false)) --counted_.under_way;
  }

  tls_handshakes& counted_;
  tls_accept_owner& owner_;
  tls_stream* stream_;
  stream_ptr connection_;
  bool begun_ = false;
};

}  // namespace

std::unique_ptr<tls_accepting> tls_accept(loop& l, stream_ptr plain, std::shared_ptr<const tls_server> with,
                                          const tls_accept_options& options, tls_accept_owner& owner) {
  GATEHOUSE_ASSERT(options.counted != nullptr);
  return std::make_unique<accepting>(l, std::move(plain), std::move(with), options, owner);
}

}  // namespace gatehouse
