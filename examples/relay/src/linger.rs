//! What is left of a body when its call is over already.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use http_body_util::BodyExt as _;
use hyper::body::{Frame, SizeHint};

/// How much is read to no purpose, and for how long.
const MOST: usize = 4 * 1024 * 1024;
const LONGEST: Duration = Duration::from_millis(1500);

/// A body that is read on for a while after nobody wants it any more: a connection that is closed with bytes unread is reset, and with it the
/// answer that says why they were not wanted.
pub(crate) struct Lingering(Option<Body>);

impl Lingering {
    pub(crate) fn over(body: Body) -> Body {
        Body::new(Lingering(Some(body)))
    }
}

impl HttpBody for Lingering {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        match &mut self.0 {
            Some(body) => {
                let frame = Pin::new(body).poll_frame(context);
                if matches!(frame, Poll::Ready(None | Some(Err(_)))) {
                    self.0 = None;
                }
                frame
            }
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.0.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.0
            .as_ref()
            .map_or_else(|| SizeHint::with_exact(0), HttpBody::size_hint)
    }
}

impl Drop for Lingering {
    fn drop(&mut self) {
        let Some(mut body) = self.0.take().filter(|body| !body.is_end_stream()) else {
            return;
        };
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        runtime.spawn(async move {
            let mut read = 0;
            let reading = async {
                while let Some(Ok(frame)) = body.frame().await {
                    read += frame.data_ref().map_or(0, Bytes::len);
                    if read > MOST {
                        return;
                    }
                }
            };
            let _ = tokio::time::timeout(LONGEST, reading).await;
        });
    }
}
