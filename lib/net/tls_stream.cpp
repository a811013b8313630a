#include "tls_stream.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <openssl/err.h>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/base/assert.hpp>
#include <gatehouse/base/limits.hpp>

namespace gatehouse::detail::net {
namespace {

constexpr std::size_t record_content = SSL3_RT_MAX_PLAIN_LENGTH;
constexpr std::size_t records_at_once = 4;
constexpr std::size_t input_size = std::size_t{64} * 1024;
constexpr std::size_t output_size = records_at_once * (record_content + 512);
// What is read and dropped of somebody who does not speak TLS, so that the answer is not lost to a reset.
constexpr std::size_t dropped_at_most = std::size_t{64} * 1024;
constexpr std::size_t pending_at_most = 2 * output_size;  // what send() leaves is less than one
constexpr char handshake_record = 0x16;

}  // namespace

/// Of each thread. What is in them belongs to one connection, and only until control leaves its tls_stream: nobody who
/// is called may find them in use. Connections keep them alive: those of a pool that ends with its thread say goodbye
/// when what the thread owned may be gone.
struct tls_buffers {
  std::unique_ptr<char[]> input = std::make_unique_for_overwrite<char[]>(input_size);
  std::unique_ptr<char[]> output = std::make_unique_for_overwrite<char[]>(output_size);
  std::unique_ptr<char[]> gathered = std::make_unique_for_overwrite<char[]>(record_content);
  std::size_t used = 0;        // of output
  tls_stream* user = nullptr;  // for whom OpenSSL is called; of anybody else once it has returned
  /// What OpenSSL reads and writes through once a handshake is over. Null: there was no memory for it.
  bio_ptr bio = tls_stream::make_bio(*this);
};

namespace {

const std::shared_ptr<tls_buffers>& buffers_of_this_thread() {
  thread_local const std::shared_ptr<tls_buffers> buffers = std::make_shared<tls_buffers>();
  return buffers;
}

/// A place in pieces that are to be sent.
class piece_reader {
 public:
  piece_reader(std::span<const const_bytes> pieces, std::size_t skip) noexcept : pieces_(pieces) {
    while (!pieces_.empty() && skip >= pieces_.front().size()) {
      skip -= pieces_.front().size();
      pieces_ = pieces_.subspan(1);
    }
    at_ = skip;
  }
  /// The content of the next record; copied together only where a piece alone would not fill it. Empty: no more.
  std::string_view next(char* gathered) noexcept {
    std::size_t size = 0;
    while (!pieces_.empty() && size < record_content) {
      const std::string_view rest = pieces_.front().substr(at_);
      if (size == 0 && (rest.size() >= record_content || pieces_.size() == 1)) return take(rest, record_content);
      const std::string_view part = take(rest, record_content - size);
      if (!part.empty()) std::memcpy(gathered + size, part.data(), part.size());
      size += part.size();
    }
    return {gathered, size};
  }

 private:
  std::string_view take(std::string_view rest, std::size_t at_most) noexcept {
    const std::string_view out = rest.substr(0, at_most);
    at_ += out.size();
    if (out.size() == rest.size()) {
      pieces_ = pieces_.subspan(1);
      at_ = 0;
    }
    return out;
  }
  std::span<const const_bytes> pieces_;
  std::size_t at_ = 0;
};

std::size_t total_size(std::span<const const_bytes> pieces) noexcept {
  std::size_t sum = 0;
  for (const const_bytes piece : pieces) sum += piece.size();
  return sum;
}

}  // namespace

tls_stream::tls_stream(gatehouse::loop& l, stream_ptr plain, std::shared_ptr<const tls_contexts> with,
                       handshake_listener& listener, std::string_view to_plain_text)
    : loop_(l),
      buffers_(buffers_of_this_thread()),
      plain_(std::move(plain)),
      with_(std::move(with)),
      listener_(&listener),
      to_plain_text_(to_plain_text) {
  plain_->owner(*this);
}

tls_stream::tls_stream(gatehouse::loop& l, stream_ptr plain, ssl_ptr client, std::unique_ptr<client_facts> facts,
                       handshake_listener& listener)
    : loop_(l),
      buffers_(buffers_of_this_thread()),
      plain_(std::move(plain)),
      with_(nullptr),
      listener_(&listener),
      ssl_(std::move(client)),
      client_(std::move(facts)) {
  plain_->owner(*this);
}

tls_stream::~tls_stream() = default;

void tls_stream::start() noexcept { plain_->receive(); }

void tls_stream::start_client() noexcept {
  if (ssl_ == nullptr || !attach_bio()) return fail(ENOMEM, tls_failure::refused);
  inside_ = true;
  shake_hands();
  inside_ = false;
  if (closed_) {
    delete this;
    return;
  }
  if (phase_ == phase::silent) plain_->receive();
}

std::string_view tls_stream::chosen_protocol() const noexcept {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

std::size_t tls_stream::messages() const noexcept {
  return client_ == nullptr ? facts_.key_updates : client_->messages;
}

/// What OpenSSL has to say about a failure; only clients ask, since a server's log has no place for it.
void tls_stream::note_trouble() {
  if (client_ == nullptr || !client_->trouble.empty()) return;
  std::string& told = client_->trouble;
  told = openssl_error({});
  if (client_->asked_who_we_are && !client_->has_certificate) {
    told += told.empty() ? "" : "; ";
    told += "it asked for a client certificate, and there is none for it";
  }
}

// ------------------------------------------------------------------------------------------------ OpenSSL's side

BIO_METHOD* tls_stream::bio_method() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* const made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "gatehouse");
    GATEHOUSE_ASSERT(made != nullptr);
    BIO_meth_set_read_ex(made, &tls_stream::bio_read);
    BIO_meth_set_write_ex(made, &tls_stream::bio_write);
    BIO_meth_set_ctrl(made, &tls_stream::bio_control);
    return made;
  }();
  return method;
}

bio_ptr tls_stream::make_bio(tls_buffers& of) noexcept {
  bio_ptr made{BIO_new(bio_method())};
  if (made == nullptr) return made;
  BIO_set_data(made.get(), &of);
  BIO_set_init(made.get(), 1);
  return made;
}

// One of its own until the handshake is over: OpenSSL puts a buffer in front of it, across several calls.
bool tls_stream::attach_bio() noexcept {
  BIO* const bio = make_bio(*buffers_).release();
  if (bio == nullptr) return false;
  SSL_set_bio(ssl_.get(), bio, bio);  // takes it over
  return true;
}

/// OPTIMIZATION: what all connections of a thread can share, an idle one does not own.
void tls_stream::share_bio() noexcept {
  BIO* const bio = buffers_->bio.get();
  if (bio == nullptr || BIO_up_ref(bio) != 1) return;
  SSL_set_bio(ssl_.get(), bio, bio);
}

/// To be called right before OpenSSL is, each time: others have used the buffers since.
SSL* tls_stream::ssl() noexcept {
  buffers_->user = this;
  return ssl_.get();
}

int tls_stream::bio_read(BIO* bio, char* out, std::size_t size, std::size_t* taken) {
  auto& self = *static_cast<tls_buffers*>(BIO_get_data(bio))->user;
  BIO_clear_retry_flags(bio);
  *taken = std::min(size, self.input_.size());
  if (*taken == 0) {
    BIO_set_retry_read(bio);
    return 0;
  }
  std::memcpy(out, self.input_.data(), *taken);
  self.input_.remove_prefix(*taken);
  return 1;
}

int tls_stream::bio_write(BIO* bio, const char* bytes, std::size_t size, std::size_t* taken) {
  tls_buffers& all = *static_cast<tls_buffers*>(BIO_get_data(bio));
  tls_stream& self = *all.user;
  BIO_clear_retry_flags(bio);
  *taken = size;
  if (output_size - all.used < size) {
    // A handshake with a very long chain: the rest waits with the connection.
    std::string& pending = self.waiting().pending;
    pending.append(all.output.get(), std::exchange(all.used, 0));
    if (output_size < size) {
      pending.append(bytes, size);
      return 1;
    }
  }
  std::memcpy(all.output.get() + all.used, bytes, size);
  all.used += size;
  return 1;
}

long tls_stream::bio_control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

// ------------------------------------------------------------------------------------------------ what comes in

std::span<char> tls_stream::receive_space() noexcept { return {buffers_->input.get(), input_size}; }

void tls_stream::on_received(std::size_t n) noexcept {
  input_ = {buffers_->input.get(), n};
  go_on();
}

bool tls_stream::wants_input() const noexcept {
  switch (phase_) {
    case phase::silent:
    case phase::handshake:
    case phase::plain_text: return true;
    case phase::open: return receiving_;
    case phase::over: return false;
  }
  return false;
}

// Everything that the input allows, step by step; any of them may be this object's end.
void tls_stream::go_on() noexcept {
  inside_ = true;
  if (input_.empty()) input_ = held();
  if (phase_ == phase::silent && !input_.empty()) {
    client_ == nullptr ? begin(input_.front()) : begin_client(input_.front());
  }
  if (phase_ == phase::handshake) shake_hands();
  if (phase_ == phase::open) deliver();
  if (phase_ == phase::plain_text) drop_input();
  inside_ = false;
  if (closed_) {
    delete this;
    return;
  }
  keep_input();
  if (wants_input()) plain_->receive();
}

void tls_stream::drop_input() noexcept {
  dropped_ += input_.size();
  input_ = {};
  if (dropped_ > dropped_at_most) fail(EPROTO, tls_failure::plain_text);
}

/// The shared buffer is another connection's next.
void tls_stream::keep_input() {
  if (input_.empty() || phase_ == phase::over) {
    input_ = {};
    if (held().empty()) return;
    waiting_->held.clear();
    return settle_waiting();
  }
  std::string& held = waiting().held;
  const bool is_held = input_.data() >= held.data() && input_.data() < held.data() + held.size();
  if (is_held) {
    held.erase(0, held.size() - input_.size());
  } else {
    held.assign(input_);
  }
  input_ = {};
}

tls_stream::waiting_bytes& tls_stream::waiting() {
  if (waiting_ == nullptr) waiting_ = std::make_unique<waiting_bytes>();
  return *waiting_;
}

/// An idle connection owns no buffer.
void tls_stream::settle_waiting() noexcept {
  if (held().empty() && pending().empty()) waiting_.reset();
}

void tls_stream::begin(char first_byte) noexcept {
  // A method's first letter: somebody speaks HTTP to the port of HTTPS. All else that is no handshake OpenSSL refuses.
  if (first_byte != handshake_record && ascii::is_alpha(first_byte)) return answer_plain_text();
  if (!listener_->on_handshake_begun()) return fail(ECONNABORTED, tls_failure::crowded);
  facts_.handshake = std::make_unique<handshake_facts>();
  facts_.handshake->now = loop_.now();
  facts_.handshake->wall_time = loop_.system_now();
  ssl_ = with_->make_server(facts_);
  if (ssl_ == nullptr || !attach_bio()) return fail(ENOMEM, tls_failure::refused);
  phase_ = phase::handshake;
}

/// "HTTP/1.1 400", or another greeting in plain bytes: the port is not one of TLS.
void tls_stream::begin_client(char first_byte) noexcept {
  phase_ = phase::handshake;
  if (ascii::is_alpha(first_byte)) fail(EPROTO, tls_failure::plain_text);
}

void tls_stream::answer_plain_text() noexcept {
  phase_ = phase::plain_text;
  (void)plain_->send({&to_plain_text_, 1});  // the first bytes of a connection: they fit
  plain_->finish_sending();
}

void tls_stream::shake_hands() noexcept {
  ERR_clear_error();
  const int done = SSL_do_handshake(ssl());
  const int error = done == 1 ? SSL_ERROR_NONE : SSL_get_error(ssl_.get(), done);
  const bool missing = error == SSL_ERROR_SSL &&
                       ERR_GET_REASON(ERR_peek_error()) == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE;
  if (missing && with_ != nullptr) facts_.handshake->no_client_certificate = true;
  (void)flush();  // an alert, too
  // As a client we have no demands beyond what OpenSSL verified already (tls_client_context).
  if (done == 1 && (with_ == nullptr || with_->accepts_client(ssl_.get(), *facts_.handshake))) {
    phase_ = phase::open;
    share_bio();
    std::exchange(listener_, nullptr)->on_handshake_done();
    facts_.handshake.reset();
    return;
  }
  if (error == SSL_ERROR_WANT_READ && lost_ == 0) return;
  note_trouble();
  fail(EPROTO, why_refused());
}

tls_failure tls_stream::why_refused() const noexcept {
  if (with_ == nullptr) return tls_failure::refused;
  const handshake_facts& facts = *facts_.handshake;
  if (facts.unknown_name) return tls_failure::unknown_name;
  if (facts.no_client_certificate) return tls_failure::client_certificate_missing;
  return facts.client_problem.empty() ? tls_failure::refused : tls_failure::client_certificate_refused;
}

void tls_stream::deliver() noexcept {
  while (phase_ == phase::open && receiving_ && deliver_once()) {
  }
}

// OPTIMIZATION: peeking first decrypts the record where it is; the owner is asked for room only when there is something
// to put into it, so that tickets, key updates and half records cost an idle connection no buffer.
// And what holds nothing is not asked: it would cost every request an attempt to read a record.
bool tls_stream::deliver_once() noexcept {
  if (input_.empty() && SSL_has_pending(ssl_.get()) == 0) return false;
  ERR_clear_error();
  char first;
  const int found = SSL_peek(ssl(), &first, 1);
  // What OpenSSL had to answer (key updates, attempts to renegotiate), before others use the buffer. Who makes it
  // answer and never reads would fill our memory, and who only does that has nothing to say.
  if (buffers_->used != 0) ++answers_;
  (void)flush();
  const std::uint64_t allowed = max_tls_key_updates + received_ / (1024 * 1024);
  if (messages() > allowed || answers_ > allowed || pending().size() > pending_at_most) {
    fail(EPROTO, tls_failure::refused);
    return false;
  }
  if (found <= 0) {
    on_nothing_read(found);
    return false;
  }
  std::span<char> space = owner_->receive_space();
  space = space.first(std::min(space.size(), max_received_at_once));
  std::size_t n = 0;
  if (space.empty() || SSL_read_ex(ssl(), space.data(), space.size(), &n) != 1) {
    fail(space.empty() ? ENOBUFS : EPROTO, tls_failure::refused);
    return false;
  }
  received_ += n;
  receiving_ = false;
  owner_->on_received(n);
  return true;
}

void tls_stream::on_nothing_read(int result) noexcept {
  const int error = SSL_get_error(ssl_.get(), result);
  if (error == SSL_ERROR_WANT_READ) return;
  if (error != SSL_ERROR_ZERO_RETURN) {
    note_trouble();
    return fail(EPROTO, tls_failure::refused);
  }
  receiving_ = false;
  finished_ = true;
  owner_->on_end();
}

void tls_stream::on_end() noexcept {
  if (finished_ || phase_ == phase::over) return;
  if (phase_ == phase::plain_text) return fail(EPROTO, tls_failure::plain_text);
  // RFC 8446 section 6.1: an end without close_notify may be somebody else's doing; what was received may not be all.
  fail(ECONNRESET, tls_failure::closed);
}

void tls_stream::on_failure(int error_number) noexcept { fail(error_number, tls_failure::closed); }

void tls_stream::fail(int error_number, tls_failure why) noexcept {
  if (phase_ == phase::over) return;
  // A server that wants a certificate may say so with its end alone, and of TLS 1.3 only after the handshake.
  if (client_ != nullptr && client_->asked_who_we_are && received_ == 0) {
    ERR_clear_error();
    note_trouble();
  }
  phase_ = phase::over;
  if (lost_ == 0) lost_ = error_number;
  receiving_ = awaiting_writable_ = false;
  if (listener_ != nullptr) return std::exchange(listener_, nullptr)->on_handshake_failed(why);
  if (owner_ != nullptr) owner_->on_failure(error_number);
}

void tls_stream::receive() noexcept {
  if (finished_ || phase_ != phase::open) return;
  receiving_ = true;
  if (inside_) return;  // go_on() sees it
  if (!held().empty() || SSL_has_pending(ssl_.get()) == 1) return go_on_later();
  plain_->receive();
}

void tls_stream::stop_receiving() noexcept {
  receiving_ = false;
  plain_->stop_receiving();
}

bool tls_stream::has_unread() const noexcept {
  return !held().empty() || (ssl_ != nullptr && SSL_has_pending(ssl_.get()) == 1) || plain_->has_unread();
}

/// What is here already raises no event of the socket.
void tls_stream::go_on_later() noexcept {
  if (std::exchange(posted_, true)) return;
  if (later_ == nullptr) later_ = std::make_shared<tls_stream*>(this);
  loop_.post([later = later_] {
    tls_stream* const self = *later;
    if (self == nullptr) return;
    self->posted_ = false;
    self->go_on();
  });
}

// ------------------------------------------------------------------------------------------------ what goes out

// Takes what OpenSSL wrote to the kernel; the rest stays with the connection. False: not all of it went.
bool tls_stream::flush() noexcept {
  tls_buffers& all = *buffers_;
  const std::string_view fresh{all.output.get(), std::exchange(all.used, 0)};
  const std::string_view old = pending();
  if (lost_ != 0) return false;
  if (old.empty() && fresh.empty()) return true;
  const std::array both{old, fresh};
  const send_result r = plain_->send(
      std::span{both}.subspan(old.empty() ? 1 : 0, old.empty() || fresh.empty() ? 1 : 2));
  if (r.error_number != 0) {
    lost_ = r.error_number;
    return false;
  }
  const std::size_t of_old = std::min(r.sent, old.size());
  const std::string_view rest = fresh.substr(r.sent - of_old);
  if (of_old == old.size() && rest.empty()) {
    if (waiting_ != nullptr) {
      waiting_->pending.clear();
      settle_waiting();
    }
    if (std::exchange(finish_wanted_, false)) plain_->finish_sending();
    return true;
  }
  std::string& left = waiting().pending;
  left.erase(0, of_old);
  left.append(rest);
  plain_->want_writable();
  return false;
}

// At most records_at_once records of `pieces`, behind `skip` bytes. Returns how much that was.
std::size_t tls_stream::encrypt(std::span<const const_bytes> pieces, std::size_t skip) noexcept {
  piece_reader from(pieces, skip);
  std::size_t done = 0;
  for (std::size_t i = 0; i < records_at_once; ++i) {
    const std::string_view content = from.next(buffers_->gathered.get());
    if (content.empty()) break;
    std::size_t written = 0;
    if (SSL_write_ex(ssl(), content.data(), content.size(), &written) != 1) {
      lost_ = EPROTO;
      return 0;
    }
    done += written;
  }
  return done;
}

// What is encrypted cannot be taken back, but is only called sent when the kernel has all of it: then an owner that has
// nothing left to send may close. Until then its bytes are counted, since it will offer them again (`ahead_`).
stream::send_result tls_stream::send(std::span<const const_bytes> pieces) noexcept {
  if (phase_ != phase::open) return {.sent = 0, .error_number = lost_ != 0 ? lost_ : EPIPE};
  ERR_clear_error();
  if (!flush()) return {.sent = 0, .error_number = lost_};
  std::size_t sent = std::min(std::exchange(ahead_, 0), total_size(pieces));
  bool begun = sent != 0;
  while (const std::size_t n = encrypt(pieces, sent)) {
    begun = true;
    if (!flush()) {
      ahead_ = n;
      break;
    }
    sent += n;
  }
  return {.sent = lost_ != 0 ? 0 : sent, .error_number = lost_, .begun = begun};
}

void tls_stream::want_writable() noexcept {
  awaiting_writable_ = true;
  plain_->want_writable();
}

void tls_stream::on_writable() noexcept {
  (void)flush();
  if (lost_ != 0 && (phase_ == phase::handshake || phase_ == phase::silent)) return fail(lost_, tls_failure::closed);
  if (!std::exchange(awaiting_writable_, false)) return;
  owner_->on_writable();
}

/// RFC 8446 section 6.1: the other end then knows that it has everything.
void tls_stream::say_goodbye() noexcept {
  if (phase_ != phase::open || std::exchange(said_goodbye_, true)) return;
  ERR_clear_error();
  (void)SSL_shutdown(ssl());
}

void tls_stream::finish_sending() noexcept {
  say_goodbye();
  finish_wanted_ = true;
  if (!flush() && lost_ == 0) return;  // when the rest has gone
  if (std::exchange(finish_wanted_, false)) plain_->finish_sending();
}

void tls_stream::abort() noexcept {
  aborted_ = true;
  receiving_ = awaiting_writable_ = false;
  plain_->abort();
}

void tls_stream::close() noexcept {
  if (phase_ == phase::open && !aborted_ && lost_ == 0 && pending().empty()) {
    say_goodbye();
    (void)flush();
  }
  if (later_ != nullptr) *later_ = nullptr;
  if (!inside_) {
    delete this;
    return;
  }
  closed_ = true;  // go_on() does it
  phase_ = phase::over;
  plain_.reset();
}

}  // namespace gatehouse::detail::net
