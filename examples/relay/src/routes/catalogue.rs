//! What may be asked for.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use sportello::provider::relay::wire::ServiceWire;

use super::{Caller, answer, path};
use crate::app::App;
use crate::refusal::Failure;

pub(super) async fn services(State(app): State<Arc<App>>, _: Caller) -> Result<Response, Failure> {
    Ok(answer(app.offered().await?))
}

pub(super) async fn service(
    State(app): State<Arc<App>>,
    _: Caller,
    request: Request,
) -> Result<Response, Failure> {
    let (mut parts, _) = request.into_parts();
    let params = path(&mut parts, &app).await?;
    let id = params.first().map(|(_, id)| id.as_str()).unwrap_or_default();
    let service = app.service(id, false).await?;
    Ok(answer(ServiceWire::from(&*service)))
}
